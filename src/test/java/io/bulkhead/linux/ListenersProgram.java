package io.bulkhead.linux;

/** Says who listens on a port, as somebody else than the test. */
final class ListenersProgram {

    private ListenersProgram() {}

    public static void main(String[] arguments) {
        for (Listener listener : Listeners.find(Integer.parseInt(arguments[0]))) {
            System.out.println(listener.place() + " " + listener.holderWords());
        }
    }
}
