"""The table: figures side by side, the bar of each and whether Bulkhead meets it."""

GIB_PER_SECOND = 1024  # in MiB/s


def fast_enough(ours, peer):
    return ours >= min(GIB_PER_SECOND, peer("supervisord"))


def nothing(ours, peer):
    return ours == 0


# (title, key of the figure, unit, bar as text, how it is judged or None); `peer` gives the same figure of another racer.
ROWS = [
    ("crash → replacement runs, median", "crash", "ms", "< 5 and < PM2", lambda ours, peer: ours < 5 and ours < peer("pm2")),
    ("… fastest", "crash_min", "ms", "", None),
    ("… slowest", "crash_max", "ms", "", None),
    ("daemon RSS, 1 child", "rss_1", "MB", "", None),
    ("daemon RSS, 10 children", "rss_10", "MB", "< 50 (goal 45)", lambda ours, peer: ours < 50),
    ("daemon RSS, 50 children", "rss_50", "MB", "", None),
    ("daemon PSS, 10 children", "pss_10", "MB", "", None),
    ("daemon private, 10 children", "private_10", "MB", "", None),
    ("private a child more, keeper too", "growth", "kB", "< 300", lambda ours, peer: ours < 300),
    ("idle CPU, 10 children", "idle_cpu", "%", "≤ 0.1", lambda ours, peer: ours <= 0.1),
    ("idle wake-ups", "idle_wakeups", "/s", "≤ 1", lambda ours, peer: ours <= 1),
    ("status, median", "status", "ms", "< 100 and < ctl", lambda ours, peer: ours < 100 and ours < peer("supervisord")),
    ("log capture, no rotation", "log_plain", "MiB/s", "≥ min(1024, supervisord)", fast_enough),
    ("… bytes lost", "log_plain_lost", "B", "0", nothing),
    ("… peak RSS of the daemon", "log_plain_rss", "MB", "", None),
    ("log capture, 50 MB files", "log_rotate", "MiB/s", "≥ min(1024, supervisord)", fast_enough),
    ("… bytes lost", "log_rotate_lost", "B", "0", nothing),
    ("log capture, 50 MB files, gzip", "log_gzip", "MiB/s", "", None),
    ("… bytes lost", "log_gzip_lost", "B", "0", nothing),
    ("leak of 64 MiB/s under 128M: peak", "leak_peak", "MiB", "≤ 128", lambda ours, peer: ours <= 128),
    ("… time above the limit in 40 s", "leak_above", "s", "0", nothing),
    ("… runs killed by SIGKILL", "leak_killed", "", "0", nothing),
    ("… runs begun", "leak_runs", "", "", None),
    ("watching 50 instances, CPU", "guard_cpu", "%", "< 1", lambda ours, peer: ours < 1),
    ("20 reloads, 4 frameworks: answered", "reload_answered_all", "", "", None),
    ("… lost, requests of 5 ms", "reload_lost_5", "", "0", nothing),
    ("… lost, requests of 200 ms", "reload_lost_200", "", "0", nothing),
    ("… lost, requests of 2 s", "reload_lost_2000", "", "0", nothing),
    ("… hung", "reload_hung_all", "", "0", nothing),
    ("… a round of four reloads", "reload_took", "s", "", None),
    ("1 of 2 killed, 10 times: refused", "killed_refused", "", "0", nothing),
    ("… lost", "killed_lost", "", "", None),
    ("2 of 2 killed, 2 s without one: refused", "down_refused", "", "0", nothing),
    ("… hung", "down_hung", "", "0", nothing),
    ("broken build, throws at once: lost", "broken_throws", "", "0", nothing),
    ("… throws after 1.5 s: lost", "broken_throws-later", "", "0", nothing),
    ("… never ready: lost", "broken_mute", "", "0", nothing),
    ("… 500 on health: lost", "broken_ill", "", "0", nothing),
    ("launch → 50 children run", "start_launch", "s", "", None),
    ("daemon up → 50 children run", "start_up", "s", "< 1", lambda ours, peer: ours < 1),
    ("daemon killed at a random moment", "survive_rounds", "times", "", None),
    ("… programs that ran twice", "survive_doubles", "", "0", nothing),
    ("… log lines lost", "survive_lost", "", "0", nothing),
    ("… of", "survive_lines", "", "", None),
    ("daemon starts → 50 children found again, median", "survive_adopt", "s", "< 1", lambda ours, peer: ours < 1),
    ("… fastest", "survive_adopt_best", "s", "", None),
]


def table(results, names):
    """Markdown. `results` is {racer: {key: figure}}."""
    head = ["", *names, "ratio to " + " / ".join(name for name in names[1:]), "bar", ""]
    judge = names[0] == "bulkhead"
    lines = []
    for title, key, unit, bar, met in ROWS:
        if not any(key in results[name] for name in names):
            continue
        ours = results[names[0]].get(key)
        cells = [show(results[name].get(key), unit) for name in names]
        ratios = " / ".join(ratio(ours, results[name].get(key)) for name in names[1:])
        lines.append([title, *cells, ratios, bar, verdict(results, key, ours, met if judge else None)])
    return markdown([head, *lines])


def missed(results, name):
    """Titles of the bars that were measured and not met."""
    return [row[0] for row in ROWS if verdict(results, row[1], results[name].get(row[1]), row[4]) == "MISSED"]


def verdict(results, key, ours, met):
    if ours is None or met is None:
        return ""
    # A peer that did not run sets no bar.
    return "met" if met(ours, lambda name: results.get(name, {}).get(key, float("inf"))) else "MISSED"


def show(figure, unit):
    if figure is None:
        return "–"
    digits = 0 if figure >= 100 or figure == int(figure) else 1 if figure >= 10 else 2
    return f"{figure:.{digits}f} {unit}"


def ratio(ours, theirs):
    return "–" if ours is None or not theirs else f"{ours / theirs:.2f}"


def markdown(cells):
    widths = [max(len(row[n]) for row in cells) for n in range(len(cells[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
