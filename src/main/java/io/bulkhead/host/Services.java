package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.guard.ServerView;
import io.bulkhead.guard.ServicePlaces;
import io.bulkhead.guard.ServicesJob;
import io.bulkhead.linux.ServiceSockets;
import io.bulkhead.spec.External;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Asks the externals who is connected: the servers by a {@link GuardChild}, and meanwhile the kernel. For threads that may wait. */
final class Services {

    private final GuardChild child;

    Services(GuardChild child) {
        this.child = child;
    }

    /** Takes as long as the slowest server, at most some seconds. */
    ConnectionsDocument look(List<External> externals, Belonging belonging) {
        Map<String, Object> request = ServicesJob.request(externals);
        CompletableFuture<List<Doc>> asking = request.isEmpty()
                ? CompletableFuture.completedFuture(List.of())
                : child.begin(ServicesJob.NAME, request, ServicesJob.MILLIS);
        ServiceSockets kernel = ServiceSockets.of(ServicePlaces.of(externals));
        Map<String, ServerView> views = new LinkedHashMap<>();
        String unasked = "";
        try {
            asking.get().forEach(answer -> {
                ServerView view = ServerView.of(answer.members());
                views.put(view.service(), view);
            });
        } catch (ExecutionException failed) {
            unasked = failed.getCause() instanceof IOException told
                    ? String.valueOf(told.getMessage())
                    : String.valueOf(failed.getCause());
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            unasked = "the daemon is ending";
        }
        return new ConnectionsDocument(externals, belonging, kernel, views, unasked);
    }
}
