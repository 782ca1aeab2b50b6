package qbittorrent

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Option changes how a daemon is set up.
type Option func(*settings)

type settings struct {
	user, password string
	downloadDir    string
}

// WithAuth makes the daemon ask for this user name, in ASCII, and password.
func WithAuth(user, password string) Option {
	return func(s *settings) { s.user, s.password = user, password }
}

// write makes the configuration: nothing is announced, nothing leaves this machine, and nothing waits in a queue. States
// are looked at by the daemon every 300 ms instead of every 1.5 s.
func (s settings) write(t testing.TB, profile string, webPort, peerPort int) {
	t.Helper()
	web := []string{
		`WebUI\Address=` + loopback,
		fmt.Sprintf(`WebUI\Port=%d`, webPort),
		fmt.Sprintf(`WebUI\LocalHostAuth=%t`, s.user != ""),
		`WebUI\UseUPnP=false`,
		`WebUI\HostHeaderValidation=false`, // else nothing can stand in between on another port
	}
	if s.user != "" {
		web = append(web, `WebUI\Username=`+s.user, `WebUI\Password_PBKDF2=`+hash(t, s.password))
	}
	torrents := []string{
		`Session\DHTEnabled=false`,
		`Session\PeXEnabled=false`,
		`Session\LSDEnabled=false`,
		fmt.Sprintf(`Session\Port=%d`, peerPort),
		`Session\QueueingSystemEnabled=false`,
		`Session\Interface=lo`,
		`Session\InterfaceName=lo`,
		`Session\InterfaceAddress=` + loopback,
		`Session\DefaultSavePath="` + s.downloadDir + `"`, // unquoted, a comma makes it a list
		`Session\MultiConnectionsPerIp=true`,
		`Session\RefreshInterval=300`,
	}
	text := "[LegalNotice]\nAccepted=true\n" +
		"[BitTorrent]\n" + strings.Join(torrents, "\n") + "\n" +
		"[Network]\nPortForwardingEnabled=false\n" +
		"[Preferences]\n" + strings.Join(web, "\n") + "\n"
	folder := filepath.Join(profile, "qBittorrent", "config")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "qBittorrent.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// hash is a password as the daemon keeps it.
func hash(t testing.TB, password string) string {
	t.Helper()
	salt := []byte(rand.Text()[:16])
	key, err := pbkdf2.Key(sha512.New, password, salt, 100_000, 64)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	return `"@ByteArray(` + encode(salt) + ":" + encode(key) + `)"`
}
