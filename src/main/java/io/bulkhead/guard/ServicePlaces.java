package io.bulkhead.guard;

import io.bulkhead.linux.Resolver;
import io.bulkhead.linux.ServiceSockets.Place;
import io.bulkhead.spec.External;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Where externals are, in the kernel's terms. May wait for a name server. */
public final class ServicePlaces {

    private ServicePlaces() {}

    public static List<Place> of(List<External> externals) {
        List<Place> places = new ArrayList<>();
        for (External external : externals) {
            places.add(of(external));
        }
        return places;
    }

    private static Place of(External external) {
        String host = external.address().host();
        int port = external.address().port();
        if (port == 0) {
            return new Place(List.of(), true, 0, external.address().path());
        }
        List<InetAddress> local = Resolver.local(host);
        if (!local.isEmpty()) {
            return new Place(local, true, port, "");
        }
        try {
            return new Place(List.of(InetAddress.getAllByName(host)), false, port, "");
        } catch (UnknownHostException unknown) {
            return new Place(List.of(), false, port, "");
        }
    }
}
