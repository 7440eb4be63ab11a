package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UsersTest {

    @Test
    void rootIsKnownByNameAndByNumber() throws Exception {
        Users.User root = new Users.User("root", 0, 0, Path.of("/root"));
        assertThat(Users.user("root")).contains(root);
        assertThat(Users.user("0")).contains(root);
        assertThat(Users.user(0)).contains(root);
        assertThat(Users.group("root")).hasValue(0);
        assertThat(Users.group("0")).hasValue(0);
        assertThat(Users.groups("root", 0)).contains(0);
    }

    @Test
    void whoDoesNotExistIsNamed() throws Exception {
        assertThat(Users.user("www-dta")).isEmpty();
        assertThat(Users.user("4000000000")).isEmpty();
        assertThat(Users.group("no-such-group")).isEmpty();
        assertThatThrownBy(() -> Users.identity(Optional.of("www-dta"), Optional.empty()))
                .isInstanceOf(RefusedException.class)
                .hasMessage("user www-dta does not exist");
        assumeTrue(Users.effectiveUser() == 0, "needs root");
        assertThatThrownBy(() -> Users.identity(Optional.of("nobody"), Optional.of("no-such-group")))
                .isInstanceOf(RefusedException.class)
                .hasMessage("group no-such-group does not exist");
    }

    @Test
    void anIdentityHasTheUsersGroups() throws Exception {
        assumeTrue(Users.effectiveUser() == 0, "needs root");
        Identity daemon =
                Users.identity(Optional.of("daemon"), Optional.empty()).orElseThrow();
        assertThat(daemon.name()).isEqualTo("daemon");
        assertThat(daemon.uid()).isPositive();
        assertThat(daemon.groups()).contains(daemon.gid());
        assertThat(Users.identity(Optional.of("daemon"), Optional.of("root"))
                        .orElseThrow()
                        .gid())
                .isZero();
        assertThat(Users.identity(Optional.empty(), Optional.empty())).isEmpty();
    }
}
