package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const adminToken = "bench-administrator-token"

// binary builds the product once for the whole run.
var binary = sync.OnceValues(func() (string, error) { return build("../cmd/downloadmanager", "downloadmanager") })

// product is the running binary.
type product struct {
	url     string
	command *exec.Cmd
	// ready is how long it took from starting the process to the first good page.
	ready time.Duration
}

var listening = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

// serve starts the product on dir with further settings and waits for its first
// good page of torrents.
func serve(b *testing.B, dir string, settings ...string) *product {
	b.Helper()
	path, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(path, "serve")
	command.Dir = dir
	command.Env = append(os.Environ(),
		"DM_ADDR=127.0.0.1:0", "DM_DATA_DIR="+dir, "DM_ADMIN_TOKEN="+adminToken,
		"DM_EMBEDDED=off", "DM_LOG_FORMAT=text")
	command.Env = append(command.Env, settings...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := command.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	command.Stdout = command.Stderr
	began := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	p := &product{command: command}
	b.Cleanup(p.stop)
	lines, said := bufio.NewScanner(stderr), []string{}
	for p.url == "" && lines.Scan() {
		said = append(said, lines.Text())
		if address := listening.FindString(lines.Text()); address != "" {
			p.url = "http://" + address
		}
	}
	if p.url == "" {
		b.Fatalf("the product did not start:\n%s", strings.Join(said, "\n"))
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	until(b, time.Minute, func() bool { return p.get("/api/torrent-servers", nil) == http.StatusOK })
	p.ready = time.Since(began)
	return p
}

func (p *product) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait()
}

func (p *product) kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// get reads a route into answer (nil: throws it away) and returns the status, 0
// when there is none.
func (p *product) get(path string, answer any) int {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.url+path, nil)
	if err != nil {
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	if answer == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return 0
	}
	return response.StatusCode
}

// addServer registers a Transmission daemon.
func (p *product) addServer(b *testing.B, address string) {
	b.Helper()
	body := fmt.Sprintf(`{"address":%q,"type":"Transmission"}`, address)
	status, err := post(http.DefaultClient, p.url+"/api/torrent-servers", adminToken, []byte(body))
	if err != nil || status != http.StatusCreated {
		b.Fatalf("adding a server: %d, %v", status, err)
	}
}

// until waits for a condition.
func until(b *testing.B, limit time.Duration, condition func() bool) {
	b.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			b.Fatalf("still not so after %s", limit)
		}
	}
}

// graphQL asks a query.
func graphQL(p *product, query string, answer any) error {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+adminToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return json.NewDecoder(response.Body).Decode(answer)
}
