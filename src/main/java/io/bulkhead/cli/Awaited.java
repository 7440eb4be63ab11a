package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import java.io.IOException;

/** What a command waits for just now: the first instance that has a reason to be told, such as "api/1: starting: waits for …". */
record Awaited(Session session, String target) implements Progress.Detail {

    @Override
    public String words() {
        int slash = target.indexOf('/');
        String app = slash < 0 ? target : target.substring(0, slash);
        try {
            Doc status =
                    Doc.of(session.document(app.equals("all") ? "/v1/status" : "/v1/status?app=" + Client.encode(app)));
            for (Doc one : status.docs("apps")) {
                for (Doc instance : one.docs("instances")) {
                    String words = words(one, instance);
                    if (!words.isEmpty()) {
                        return words;
                    }
                }
            }
        } catch (IOException | Failure notNow) {
            return "";
        }
        return "";
    }

    private static String words(Doc app, Doc instance) {
        String state = instance.text("state");
        String reason = instance.text("reason");
        boolean rests = state.equals("ready") || state.equals("stopped") || state.equals("completed");
        if (reason.isEmpty() && (rests || state.isEmpty())) {
            return "";
        }
        String who = app.text("name") + "/" + instance.text("index");
        return Text.safe(who + ": " + (rests ? "" : state) + (rests || reason.isEmpty() ? "" : ": ") + reason);
    }
}
