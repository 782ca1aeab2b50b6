package deluge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// loginsOf counts the logins so far.
func (f *fake) loginsOf() (n int) {
	f.change(func() { n = f.logins })
	return n
}

func TestOneConnectionIsKeptAndMadeAgain(t *testing.T) {
	t.Parallel()
	daemon := newFake(t, healthy)
	client := daemon.open()
	for round := range 3 {
		var calling sync.WaitGroup
		for range 10 {
			calling.Go(func() {
				if _, err := client.Probe(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		calling.Wait()
		if n := daemon.loginsOf(); n != round+1 {
			t.Fatalf("%d logins; want %d", n, round+1)
		}
		daemon.hangUp() // nobody notices but the connection
	}
}

func TestAnswersFindThoseWhoAsked(t *testing.T) {
	t.Parallel()
	daemon := newFake(t, func(method string, arguments []any) any {
		if method != "core.get_torrent_status" {
			return healthy(method, arguments)
		}
		return map[string]any{
			"orig_files": []any{map[string]any{"path": arguments[0], "size": 1}}, "file_progress": []any{1.0}, "file_priorities": []any{4},
		}
	})
	client := daemon.open()
	var calling sync.WaitGroup
	for i := range 50 {
		calling.Go(func() {
			hash := numbered(t, i)
			if files, err := client.Files(t.Context(), hash); err != nil || len(files) != 1 || files[0].Path != hash.String() {
				t.Errorf("%s: %v, error %v", hash, files, err)
			}
		})
	}
	calling.Wait()
}

func TestWhoGivesUpDoesNotDisturbOthers(t *testing.T) {
	t.Parallel()
	daemon := newFake(t, func(method string, arguments []any) any {
		if method == "core.get_torrent_status" {
			return nil
		}
		return healthy(method, arguments)
	})
	client := daemon.open()
	if _, err := client.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		stop := time.AfterFunc(50*time.Millisecond, cancel)
		if _, err := client.Files(ctx, numbered(t, 1)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		stop.Stop()
		if _, err := client.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := daemon.loginsOf(); n != 1 {
		t.Fatalf("%d logins; want 1", n)
	}
	// One that does not answer in time is not waited for again.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.Files(ctx, numbered(t, 1)); domain.KindOf(err) != domain.KindUnavailable {
		t.Fatal(err)
	}
	if _, err := client.Probe(t.Context()); err != nil || daemon.loginsOf() != 2 {
		t.Fatalf("%d logins, error %v", daemon.loginsOf(), err)
	}
}

func TestClosingEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for name, call := range calls(t, openAt(t, "127.0.0.1:1")) {
		_ = call // only the names are wanted
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 100)
			daemon := newFake(t, func(method string, _ []any) any {
				if method == "daemon.login" {
					return 10
				}
				asked <- struct{}{}
				return nil
			})
			client := daemon.open()
			var closing sync.WaitGroup
			closing.Go(func() {
				<-asked
				_ = client.Close()
			})
			err := calls(t, client)[name](t.Context())
			closing.Wait()
			if domain.KindOf(err) != domain.KindUnavailable || !strings.Contains(domain.MessageOf(err), "closed") {
				t.Fatalf("error %v", err)
			}
		})
	}
}

func TestLogins(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		says any
		told string
	}{
		"a wrong password":    {no{"BadLoginError", "Password does not match"}, "wrong username or password"},
		"no password":         {no{"AuthenticationRequired", "Password is required"}, "wrong username or password"},
		"another client":      {no{"IncompatibleClient", "Please upgrade"}, "Please upgrade"},
		"a reader":            {1, "only look"},
		"nobody":              {0, "only look"},
		"what is not a level": {"ten", "not as deluge 2 does"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			daemon := newFake(t, func(string, []any) any { return is.says })
			client := daemon.open()
			for range 2 {
				_, err := client.Probe(t.Context())
				if domain.KindOf(err) != domain.KindUnavailable || err == nil || !strings.Contains(domain.MessageOf(err), is.told) {
					t.Fatalf("error %v", err)
				}
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	daemon := newFake(t, healthy)
	first := daemon.fingerprint()
	client := daemon.open()
	pinned := openAt(t, daemon.address()+"#sha256="+strings.ToUpper(first))
	for _, client := range []*Client{client, pinned} {
		if _, err := client.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	daemon.change(func() { daemon.certificate = selfSigned(t) })
	daemon.hangUp()
	logins := daemon.loginsOf()
	for _, client := range []*Client{client, pinned} {
		_, err := client.Probe(t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || err == nil || !strings.Contains(domain.MessageOf(err), "#sha256="+daemon.fingerprint()) {
			t.Fatalf("error %v", err)
		}
	}
	if daemon.loginsOf() != logins {
		t.Fatal("the password was sent")
	}
	if _, err := openAt(t, daemon.address()+"#sha256="+daemon.fingerprint()).Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
}
