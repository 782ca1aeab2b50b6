//go:build linux

package deluge

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// The ports of a daemon, in a network where nobody else is. They are not among those that the kernel takes for outgoing
// connections: the relay's first attempts would now and then get the very port that they dial, and so themselves.
const (
	insideRPC  = 5884
	insidePeer = 6881
)

// relaying is the environment variable that makes a test binary a relay.
const relaying = "DM_TEST_DELUGE_RELAY"

// inside is a command that runs in a network of its own, which has nothing but loopback. In between is this test binary
// once more, as a relay: it is handed ports of this network, as sockets that are listening already, and passes on what
// comes in there, to insideRPC and to insidePeer.
func inside(t testing.TB, command []string, rpc, peer *os.File) *exec.Cmd {
	t.Helper()
	if err := namespaces(); err != nil {
		t.Fatalf("deluged must run in a network namespace, which this machine does not let us make (%v). It should be possible to run "+
			"`unshare -rn ip link set lo up`: see sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns "+
			"and user.max_user_namespaces, or the seccomp profile of the container", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A binary without Relay in its TestMain runs no test, instead of all of them again.
	cmd := exec.Command(self, append([]string{"-test.run=^$", "--"}, command...)...)
	cmd.Env = []string{relaying + "=" + strconv.Itoa(len(command))}
	cmd.SysProcAttr = ownNetwork()
	cmd.ExtraFiles = []*os.File{rpc, peer}
	return cmd
}

// ownNetwork is what unshare -rn does: a user namespace in which we are root, which is what it takes to have a network.
func ownNetwork() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

func loopbackUp() *exec.Cmd { return exec.Command("ip", "link", "set", "lo", "up") }

// namespaces tries once whether there can be such networks.
var namespaces = sync.OnceValue(func() error {
	cmd := loopbackUp()
	cmd.SysProcAttr = ownNetwork()
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w %s", err, output)
	}
	return nil
})

// Relay returns at once, unless this process is a relay: then it ends with the program that it runs.
func Relay() {
	count, err := strconv.Atoi(os.Getenv(relaying))
	if err != nil {
		return
	}
	if err := relay(os.Args[len(os.Args)-count:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func relay(command []string) error {
	runtime.LockOSThread() // the program ends with the thread that started it
	if output, err := loopbackUp().CombinedOutput(); err != nil {
		return fmt.Errorf("ip link set lo up: %w %s", err, output)
	}
	listeners := map[string]net.Listener{}
	for i, port := range []int{insideRPC, insidePeer} {
		file := os.NewFile(uintptr(3+i), "listener")
		listener, err := net.FileListener(file)
		if err != nil {
			return err
		}
		_ = file.Close() // the listener is another handle of it, which the program does not inherit
		listeners[net.JoinHostPort(loopback, strconv.Itoa(port))] = listener
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	for address, listener := range listeners {
		go passOn(listener, address)
	}
	go func() {
		for range stop {
			_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
		}
	}()
	return cmd.Wait()
}

// passOn connects everybody who comes with an address of this network.
func passOn(listener net.Listener, address string) {
	for {
		outer, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = outer.Close() }()
			inner, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			defer func() { _ = inner.Close() }()
			var both sync.WaitGroup
			both.Go(func() { flow(inner, outer) })
			both.Go(func() { flow(outer, inner) })
			both.Wait()
		}()
	}
}

// flow copies one direction, and passes its end on.
func flow(to, from net.Conn) {
	_, err := io.Copy(to, from)
	if half, ok := to.(*net.TCPConn); ok && (err == nil || errors.Is(err, io.EOF)) {
		_ = half.CloseWrite()
		return
	}
	_ = to.Close()
	_ = from.Close()
}
