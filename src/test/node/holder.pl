#!/usr/bin/perl
# holder.pl HOST: opens a listening socket, as Bulkhead does, says its port, and then for each line of its input, a command, starts that with the socket as
# descriptor 3 and says its process id. What they print goes to its standard error. "wait PID" says how one ended, as a wait status. At the end of the
# input all are killed.
use strict;
use warnings;
use IO::Socket::INET;
use POSIX ();

$| = 1;
$^F = 15;    # descriptors up to this one are inherited
my $socket = IO::Socket::INET->new(LocalAddr => $ARGV[0], Listen => 1024, Proto => 'tcp') or die $!;
my $port = $ENV{PORT} = $socket->sockport;
print "$port\n";
my @started;
while (my $line = <STDIN>) {
    chomp $line;
    if ($line =~ /^wait (\d+)/) {
        waitpid($1, 0);
        print "$?\n";
        next;
    }
    my $pid = fork;
    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>&', \*STDERR;
        POSIX::dup2(fileno $socket, 3);
        POSIX::close(fileno $socket) if fileno $socket != 3;
        $ENV{LISTEN_PID} = $$;
        exec 'setsid', 'sh', '-c', "exec $line";
    }
    push @started, $pid;
    print "$pid\n";
}
kill 'KILL', map { -$_ } @started;
