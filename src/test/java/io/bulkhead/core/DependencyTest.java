package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Outcome.State;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who waits for whom when starting, and who goes first when stopping. */
class DependencyTest {

    private final Stage stage = new Stage();

    @Test
    void anAppWaitsUntilWhatItNeedsIsReady() {
        Ticket ticket = stage.apply(app("api").needs("db"), app("db"));
        assertThat(stage.starts()).containsExactly("db/0");
        assertThat(stage.state("api")).isEqualTo(InstanceState.BLOCKED);
        assertThat(stage.view("api").reason()).isEqualTo("waits for db to be ready");
        assertThat(stage.spawn().pass(999).starts()).isEmpty();
        assertThat(stage.pass(1).starts()).containsExactly("api/0");
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.PENDING);
    }

    @Test
    void aStartIsAnsweredWhenWhatItNeedsDoesNotComeUp() {
        Ticket ticket = stage.apply(app("api").needs("db"), app("db"));
        stage.refuse(stage.started().getFirst(), "command: postgres: not found");
        Outcome outcome = stage.outcome(ticket);
        assertThat(outcome.state()).isEqualTo(State.FAILED);
        assertThat(outcome.message())
                .contains("api: waits for db, which does not come up: command: postgres: not found");
    }

    @Test
    void aMigrationMustHaveCompleted() {
        stage.apply(app("api").needs("migrate"), app("migrate").restart(Policy.NEVER));
        stage.spawn().pass(5000);
        assertThat(stage.view("api").reason()).isEqualTo("waits for migrate to complete");
        stage.exit(stage.run("migrate"), Exit.ofCode(0));
        assertThat(stage.state("migrate")).isEqualTo(InstanceState.COMPLETED);
        assertThat(stage.starts()).containsExactly("api/0");
    }

    @Test
    void startingAnAppStartsWhatItNeedsButNotWhatAPersonStopped() {
        stage.apply(app("api").needs("db").autostart(false), app("db").autostart(false));
        assertThat(stage.starts()).isEmpty();
        stage.start("api");
        assertThat(stage.starts()).containsExactly("db/0");
        stage.stop("all");
        stage.spawn();
        Ticket ticket = stage.start("api");
        assertThat(stage.outcome(ticket).message())
                .isEqualTo("api: waits for db, which was stopped by hand: bulkhead start db");
    }

    @Test
    void aCrashedAppDoesNotWaitForWhatItServedWithout() {
        stage.up(app("api").needs("db"), app("db"));
        String db = stage.run("db");
        stage.stop("db");
        stage.exit(db, Exit.ofCode(0));
        stage.crash("api");
        assertThat(stage.starts()).containsExactly("api/0");
    }

    @Test
    void anAppWaitsForAnExternalThatIsAwayAndStartsByItself() {
        stage.on(new Event.ExternalsAway(Map.of("postgres", "")));
        Ticket ticket = stage.apply(app("api").needs("postgres"), app("other"));
        assertThat(stage.starts()).containsExactly("other/0");
        assertThat(stage.spawn().pass(5000).outcome(ticket).state())
                .as("it is being looked at")
                .isEqualTo(State.PENDING);
        stage.on(new Event.ExternalsAway(Map.of("postgres", "nobody listens on 127.0.0.1:5432")));
        assertThat(stage.state("api")).isEqualTo(InstanceState.BLOCKED);
        assertThat(stage.view("api").reason()).isEqualTo("waits for postgres: nobody listens on 127.0.0.1:5432");
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.FAILED);
        assertThat(stage.on(new Event.ExternalsAway(Map.of())).starts()).containsExactly("api/0");
    }

    @Test
    void whatServesDoesNotStopForAnExternalAndIsReplacedWithoutIt() {
        stage.up(app("api").needs("postgres"));
        String api = stage.run("api");
        stage.on(new Event.ExternalsAway(Map.of("postgres", "nobody listens on 127.0.0.1:5432")));
        assertThat(stage.asked()).isEmpty();
        stage.restart("api");
        assertThat(stage.asked()).containsExactly(api);
        assertThat(stage.exit(api, Exit.ofCode(0)).starts()).containsExactly("api/0");
    }

    @Test
    void whatIsNeededIsStoppedLast() {
        stage.up(app("api").needs("db"), app("db"), app("web").needs("api"));
        String web = stage.run("web");
        String api = stage.run("api");
        String db = stage.run("db");
        stage.wish(new Event.ShutdownWish());
        assertThat(stage.asked()).containsExactly(web);
        assertThat(stage.view("db").reason()).isEqualTo("stops as soon as the apps that need it have ended");
        assertThat(stage.exit(web, Exit.ofCode(0)).asked()).containsExactly(api);
        assertThat(stage.exit(api, Exit.ofCode(0)).asked()).containsExactly(db);
        stage.exit(db, Exit.ofCode(0));
        assertThat(stage.effects).contains(new Effect.Finished());
    }

    @Test
    void stoppingOnlyWhatIsNeededDoesNotWait() {
        stage.up(app("api").needs("db"), app("db"));
        String db = stage.run("db");
        stage.stop("db");
        assertThat(stage.asked()).containsExactly(db);
    }
}
