package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OrderTest {

    private static Order of(Apps... apps) {
        return Order.of(Stream.of(apps).map(Apps::build).toList());
    }

    @Test
    void whatIsNeededComesFirstThenTheMoreImportantThenByName() {
        Order order = of(
                app("web").needs("api"),
                app("api").needs("db"),
                app("b").priority(50),
                app("z").priority(200),
                app("db"),
                app("a").priority(50));
        assertThat(order.startOrder()).containsExactly("z", "db", "a", "b", "api", "web");
    }

    @Test
    void dependentsAreCountedThroughOthers() {
        Order order = of(app("web").needs("api"), app("api").needs("db"), app("db"));
        assertThat(order.dependents("db")).containsExactlyInAnyOrder("api", "web");
        assertThat(order.dependents("web")).isEmpty();
    }

    @Test
    void externalsHoldNobodyUp() {
        assertThat(of(app("api").needs("postgres")).dependencies("api")).isEmpty();
    }

    @Test
    void aCircleLosesTheEdgeThatClosesIt() {
        Order order = of(app("a").needs("b"), app("b").needs("c"), app("c").needs("a"));
        assertThat(order.startOrder()).containsExactly("c", "b", "a");
        assertThat(order.dependencies("c")).isEmpty();
        assertThat(of(app("self").needs("self")).dependencies("self")).isEqualTo(List.of());
    }
}
