package io.bulkhead.linux;

import java.util.List;

/** Arguments of setpriv(1) that make what follows run as another user. */
final class SetPriv {

    private SetPriv() {}

    /** Appends setpriv itself and its options. */
    static void become(List<String> argv, Tools tools, Identity who) {
        argv.add(tools.setpriv().toString());
        argv.add("--reuid=" + who.uid());
        argv.add("--regid=" + who.gid());
        if (who.groups().isEmpty()) {
            argv.add("--clear-groups");
            return;
        }
        StringBuilder groups = new StringBuilder("--groups=");
        for (int i = 0; i < who.groups().size(); i++) {
            groups.append(i == 0 ? "" : ",").append(who.groups().get(i));
        }
        argv.add(groups.toString());
    }
}
