# The keeper of one compartment: parent of its programs, so that it holds their exit statuses, their output, their lock and their
# listening sockets while no daemon lives. It decides nothing. It must not run any command but the shell's own.
#   descriptors: 3 to 6 the app's sockets, 7 words to it, 8 its answers, 1 and 2 the log, 9 the lock
#   arguments: cgroup.procs files to join
# A new program is a copy of this shell made inside the compartment, which then reads what to become from a file.
trap '' HUP INT QUIT
for procs do
  { echo $$ >"$procs"; } 2>/dev/null || echo "failed compartment cannot join $procs" >&8
done
set --
sh=/bin/dash
[ -x $sh ] || sh=/bin/sh
# The last but one stage of a program that is to start without delay: everything is done, only the word is missing. It comes
# with this process's number and what this start alone adds to the environment; when nobody can send it any more, all is over.
spare='while read -r BULKHEAD_WORD; do
  case $BULKHEAD_WORD in "$$ "*) ;; *) continue ;; esac
  cd "$1" 2>/dev/null || { echo "failed working_dir working_dir cannot be entered any more" >&7; exit 125; }
  shift
  export ${BULKHEAD_WORD#* }
  unset BULKHEAD_WORD PWD OLDPWD SHLVL
  exec "$@" </dev/null 7>&-
done
exit 125'
# At the memory limit the kernel shall kill a program, not the keeper, where it lets us say so (CAP_SYS_RESOURCE).
oom=
{ read -r own </proc/self/oom_score_adj && echo -1000 >/proc/self/oom_score_adj && oom=$own; } 2>/dev/null
unset PWD OLDPWD SHLVL
echo "ready $$" >&8
while read -r word what <&7; do
  case $word in
    start)
      # FILE, then what this start alone adds to the environment: NAME=value of plain letters, so that blanks divide them
      ( trap - HUP; exec 7<&-; [ -z "$oom" ] || echo "$oom" >/proc/self/oom_score_adj
        file=${what%% *}; [ "$file" = "$what" ] || export ${what#* }; . "${0%/*}/$file" ) &
      echo "started $!" >&8 ;;
    spare)
      ( trap - HUP; exec 7<&-; [ -z "$oom" ] || echo "$oom" >/proc/self/oom_score_adj
        set -- $sh -c "$spare" bulkhead-spare; . "${0%/*}/$what" ) &
      echo "spare $!" >&8 ;;
    next)
      # Another keeper, which inherits the sockets: no child of this one, so that what is said of it here is only of the fork between.
      ( trap - HUP; [ -z "$oom" ] || echo "$oom" >/proc/self/oom_score_adj
        ( exec 7<&-; . "${0%/*}/$what" ) & ) &
      echo "forked $!" >&8 ;;
    reap)
      wait "$what"
      echo "reaped $what $?" >&8 ;;
    quit)
      exit 0 ;;
  esac
done
