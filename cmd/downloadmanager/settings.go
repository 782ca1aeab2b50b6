package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// storageSettings say where things are kept; every command needs them.
type storageSettings struct {
	DataDir     string `default:"data" placeholder:"DIR" help:"Where the product keeps its files: the SQLite database, the secret key, and what the embedded client downloads."`
	DatabaseURL string `secret:"" placeholder:"URL" help:"postgres://… or sqlite:PATH; a SQLite database in the data directory unless set."`
	SecretKey   string `secret:"env" hidden:"" help:"Encrypts the credentials of torrent servers in the database: any text of at least 32 bytes. Made, and kept in the data directory, unless set; processes that share a database need the same."`

	LogLevel  slog.Level `default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string     `default:"auto" enum:"auto,text,json" help:"auto, text or json; auto is text on a terminal and JSON otherwise."`
}

// checkSettings say how torrents are downloaded and watched.
type checkSettings struct {
	LocalNode     string   `default:"local" placeholder:"NAME" help:"The node that this process belongs to; it looks after the servers of this node only."`
	CheckInterval duration `default:"10s" help:"Time between two checks of a server that is well."`
	Lease         duration `default:"4s" help:"How long a process that dies keeps the others from checking its servers."`

	Placement       placementPolicy `default:"default" placeholder:"POLICY" help:"Which server takes a torrent that names none: default (the fewest open torrents), least-active (the fewest that load, or are about to) or most-free-space."`
	PlacementMargin byteSize        `default:"10GiB" placeholder:"BYTES" help:"With most-free-space, how many bytes must stay free on a server, such as 500M or 10GiB."`
	Failover        duration        `default:"0" placeholder:"TIME" help:"How long a server may be away until what waits for it, and was never begun, goes to others, such as 10m; 0 for ever."`

	Embedded             onOff    `default:"on" placeholder:"on" help:"on or off: whether there is a torrent client inside the product; the first start makes a server of it."`
	EmbeddedPeerPort     uint16   `default:"0" placeholder:"PORT" help:"Port on which the embedded client's peers reach it; 0 for any."`
	EmbeddedListenHost   string   `placeholder:"HOST" help:"Address on which the embedded client listens for peers; all unless set."`
	EmbeddedDHT          onOff    `name:"embedded-dht" default:"on" placeholder:"on" help:"on or off: find peers by the distributed hash table."`
	EmbeddedPEX          onOff    `name:"embedded-pex" default:"on" placeholder:"on" help:"on or off: exchange peers with peers."`
	EmbeddedUTP          onOff    `name:"embedded-utp" default:"on" placeholder:"on" help:"on or off: speak uTP beside TCP."`
	EmbeddedDownloadRate byteRate `default:"0" placeholder:"RATE" help:"Most bytes per second that the embedded client downloads, such as 500K or 2M; 0 for no limit."`
	EmbeddedUploadRate   byteRate `default:"0" placeholder:"RATE" help:"Most bytes per second that it uploads."`
}

// doorSettings say how the product is reached, and by whom.
type doorSettings struct {
	Addr                 string   `default:"127.0.0.1:9480" placeholder:"HOST:PORT" help:"Where to listen for HTTP; port 0 for any."`
	RoutePrefix          []string `default:"/api,/api/clarion-app/download-manager" placeholder:"PATH" help:"Paths under which the REST routes are found."`
	AllowedOrigins       []string `placeholder:"ORIGIN" help:"Other sites, such as https://example.org, whose pages may call the doors; * for all sites that bring a token of their own."`
	GraphQLIntrospection onOff    `name:"graphql-introspection" default:"on" placeholder:"on" help:"on or off: whether members can ask for the GraphQL schema; administrators always can."`
	KeepEvents           duration `default:"90d" help:"How long events can be replayed; 0 for ever."`
	StopTimeout          duration `default:"15s" help:"How long stopping may take before it is forced."`

	AdminToken string `secret:"env" hidden:"" help:"Makes an administrator whom this token lets in: at least 16 bytes. Another value ends the one before."`

	JWTPublicKeyFile string `name:"jwt-public-key-file" placeholder:"PATH" help:"PEM file with the RSA public key of Clarion's Passport tokens, or several."`
	JWTJWKSURL       string `name:"jwt-jwks-url" placeholder:"URL" help:"Where the public keys of such tokens are fetched instead, as a JWKS."`
	JWTIssuer        string `name:"jwt-issuer" placeholder:"TEXT" help:"Issuer that these tokens must have; any unless set."`
	JWTAudience      string `name:"jwt-audience" placeholder:"TEXT" help:"Audience that these tokens must have; any unless set."`
	JWTRole          role   `name:"jwt-role" default:"administrator" placeholder:"ROLE" help:"What the users behind these tokens are: administrator or member."`
}

// Validate is called by kong.
func (c *checkCommand) Validate() error { return c.checkSettings.validate() }

// Validate is called by kong.
func (c *serveCommand) Validate() error {
	return errors.Join(c.checkSettings.validate(), c.doorSettings.validate(), c.graphqlSettings.validate())
}

// Shortest times that make sense.
const (
	shortestInterval = 200 * time.Millisecond
	shortestLease    = time.Second
	shortestFailover = 10 * time.Second
)

func (s *checkSettings) validate() error {
	switch {
	case s.LocalNode == "":
		return wrong("local-node", "must not be empty")
	case s.CheckInterval.time() < shortestInterval:
		return wrong("check-interval", "must be at least %s", shortestInterval)
	case s.Lease.time() < shortestLease:
		return wrong("lease", "must be at least %s", shortestLease)
	case s.Failover.time() != 0 && s.Failover.time() < shortestFailover:
		return wrong("failover", "must be 0, which is never, or at least %s", shortestFailover)
	}
	return nil
}

func (s *doorSettings) validate() error {
	if _, port, err := net.SplitHostPort(s.Addr); err != nil {
		return wrong("addr", "must be HOST:PORT")
	} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return wrong("addr", "must have a port from 0 to 65535")
	}
	for _, prefix := range s.RoutePrefix {
		if !strings.HasPrefix(prefix, "/") || strings.ContainsAny(prefix, "{} ?#") {
			return wrong("route-prefix", "must be paths that begin with /")
		}
	}
	if s.StopTimeout.time() <= 0 {
		return wrong("stop-timeout", "must be more than 0")
	}
	return nil
}

// wrong is an error about a flag, in the form that environment.blame knows.
func wrong(flag, format string, args ...any) error {
	return fmt.Errorf("--%s "+format, append([]any{flag}, args...)...)
}

// onOff is a switch. (Not a bool, which kong would give no value on the command
// line.)
type onOff struct{ On bool }

// UnmarshalText reads on and off, and what else people write for them.
func (o *onOff) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "on", "true", "yes", "1":
		o.On = true
	case "off", "false", "no", "0":
		o.On = false
	default:
		return fmt.Errorf("must be on or off, not %q", text)
	}
	return nil
}

// duration is a length of time, with days.
type duration time.Duration

func (d duration) time() time.Duration { return time.Duration(d) }

// UnmarshalText reads Go's durations ("1h30m"), whole days ("90d"), and 0.
func (d *duration) UnmarshalText(text []byte) error {
	const day = 24 * time.Hour
	if days, found := strings.CutSuffix(string(text), "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return fmt.Errorf("must be a time such as 90d or 12h, not %q", text)
		}
		*d = duration(n) * duration(day)
		return nil
	}
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 {
		return fmt.Errorf("must be a time such as 10s, 5m or 90d, not %q", text)
	}
	*d = duration(parsed)
	return nil
}

// byteRate is a number of bytes per second.
type byteRate int64

// UnmarshalText reads a number, with K, M or G for 1024, 1024² and 1024³.
func (r *byteRate) UnmarshalText(text []byte) error {
	n, err := parseBytes(string(text), "KMG")
	if err != nil {
		return fmt.Errorf("must be bytes per second such as 500000, 500K or 2M, not %q", text)
	}
	*r = byteRate(n)
	return nil
}

// byteSize is a number of bytes.
type byteSize int64

// UnmarshalText reads a number, with K, M, G or T (or KiB, …) for 1024, 1024² and so on.
func (s *byteSize) UnmarshalText(text []byte) error {
	n, err := parseBytes(string(text), "KMGT")
	if err != nil {
		return fmt.Errorf("must be bytes such as 500000, 500K, 2M or 10GiB, not %q", text)
	}
	*s = byteSize(n)
	return nil
}

// mostBytes is the most that a setting may say.
const mostBytes = 1 << 50

// parseBytes reads a number, with one of units, each 1024 times the one before, behind
// it; G may be written GiB.
func parseBytes(text, units string) (int64, error) {
	number, unit := strings.ToUpper(text), int64(1)
	for i, letter := range units {
		suffix := string(letter)
		trimmed, found := strings.CutSuffix(number, suffix)
		if !found {
			trimmed, found = strings.CutSuffix(number, suffix+"IB")
		}
		if found {
			number, unit = trimmed, 1<<(10*(i+1))
			break
		}
	}
	n, err := strconv.ParseUint(number, 10, 32)
	if err == nil && int64(n) > mostBytes/unit {
		err = strconv.ErrRange
	}
	return int64(n) * unit, err
}

// placementPolicy is a domain.PlacementPolicy as people write it.
type placementPolicy domain.PlacementPolicy

// UnmarshalText reads default, least-active and most-free-space.
func (p *placementPolicy) UnmarshalText(text []byte) error {
	parsed, err := domain.ParsePlacementPolicy(string(text))
	if err != nil {
		return fmt.Errorf("%s, not %q", domain.MessageOf(err), text)
	}
	*p = placementPolicy(parsed)
	return nil
}

// placement is how a server is chosen for a torrent that names none.
func (s *checkSettings) placement() domain.Placement {
	return domain.Placement{Policy: domain.PlacementPolicy(s.Placement), Margin: int64(s.PlacementMargin)}
}

// role is a domain.Role as people write it.
type role domain.Role

// UnmarshalText reads administrator and member.
func (r *role) UnmarshalText(text []byte) error {
	parsed, err := domain.ParseRole(string(text))
	if err != nil {
		return fmt.Errorf("%s, not %q", domain.MessageOf(err), text)
	}
	*r = role(parsed)
	return nil
}
