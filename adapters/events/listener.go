package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clarion-app/download-manager/ports"
)

// channel is what the processes of one database call one another by.
const channel = "downloadmanager_events"

const (
	// idle is how long the listening connection may hear nothing before it is
	// proved to be alive: one that a firewall has dropped is silent for ever.
	idle = 30 * time.Second
	// patience bounds connecting and each command.
	patience = 10 * time.Second
	// pause is the least time between two calls, so that a burst of commits costs
	// a few calls and not one each.
	pause = 20 * time.Millisecond
	// A lost connection is sought again, first soon and then less often.
	retryFirst = 100 * time.Millisecond
	retryMost  = 5 * time.Second
)

// Listener is a Bell that processes on one PostgreSQL database ring for one
// another. It keeps two connections of its own, which must reach the server
// itself: a pooler that hands connections on by the transaction loses calls.
type Listener struct {
	bell   *Bell
	config *pgx.ConnConfig
	log    *slog.Logger
	// rang has a value while other processes are yet to be told.
	rang chan struct{}
	// caller is the backend that our own calls come from: this process has been
	// woken when they reach it.
	caller atomic.Uint32

	stop    context.CancelFunc
	running sync.WaitGroup
}

var _ ports.EventSignal = (*Listener)(nil)

// ListenPostgres makes bell ring for what happens in other processes, too, until
// Close; ctx bounds only the first connecting. Whenever it has connected again it
// rings, since it may have missed calls.
func ListenPostgres(ctx context.Context, dsn string, bell *Bell, log *slog.Logger) (*Listener, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	config.ConnectTimeout = patience
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "downloadmanager events"
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // nothing to prepare
	l := &Listener{bell: bell, config: config, log: log, rang: make(chan struct{}, 1)}
	conn, err := l.listen(ctx)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	l.running.Go(func() { l.keepListening(running, conn) })
	l.running.Go(func() { l.keepCalling(running) })
	return l, nil
}

// Subscribe is the bell's.
func (l *Listener) Subscribe() (<-chan struct{}, func()) { return l.bell.Subscribe() }

// Ring wakes the subscribers of this process now and those of others soon. It
// never blocks.
func (l *Listener) Ring() {
	l.bell.Ring()
	nudge(l.rang)
}

// Close ends listening and calling. It may be called twice; the bell still rings
// in this process.
func (l *Listener) Close() error {
	l.stop()
	l.running.Wait()
	return nil
}

// listen connects and asks to be called.
func (l *Listener) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return nil, errors.Join(err, hangUp(ctx, conn))
	}
	return conn, nil
}

// keepListening hears calls on conn and, when that is lost, on its successors.
func (l *Listener) keepListening(ctx context.Context, conn *pgx.Conn) {
	for {
		l.bell.Ring()
		err := l.hear(ctx, conn)
		_ = hangUp(ctx, conn)
		if ctx.Err() != nil {
			return
		}
		l.log.WarnContext(ctx, "listening for events of other processes", "error", err)
		conn = l.listenAgain(ctx)
		if conn == nil {
			return
		}
	}
}

// listenAgain connects until it works; nil when ctx has ended.
func (l *Listener) listenAgain(ctx context.Context) *pgx.Conn {
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		if !sleep(ctx, delay) {
			return nil
		}
		if conn, err := l.listen(ctx); err == nil {
			return conn
		}
	}
}

// hear rings for each call until the connection fails.
func (l *Listener) hear(ctx context.Context, conn *pgx.Conn) error {
	for {
		waiting, cancel := context.WithTimeout(ctx, idle)
		call, err := conn.WaitForNotification(waiting)
		cancel()
		switch {
		case err == nil:
			if call.PID != l.caller.Load() {
				l.bell.Ring()
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case pgconn.Timeout(err): // the connection survives it
			if err := ping(ctx, conn); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return conn.Ping(ctx)
}

// keepCalling tells other processes of rings, outside of any transaction: within
// one, each call would hold a lock over the whole database server until the
// commit.
func (l *Listener) keepCalling(ctx context.Context) {
	var conn *pgx.Conn
	delay := retryFirst
	for {
		select {
		case <-ctx.Done():
			_ = hangUp(ctx, conn)
			return
		case <-l.rang:
		}
		var err error
		if conn, err = l.call(ctx, conn); err == nil {
			delay = retryFirst
			sleep(ctx, pause)
			continue
		}
		_ = hangUp(ctx, conn)
		conn = nil
		l.caller.Store(0) // the number may become another's
		nudge(l.rang)     // they still have to be told
		if sleep(ctx, delay) {
			l.log.WarnContext(ctx, "telling other processes of events", "error", err)
		}
		delay = min(2*delay, retryMost)
	}
}

// call notifies the listeners, connecting if need be.
func (l *Listener) call(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if conn == nil {
		var err error
		if conn, err = pgx.ConnectConfig(ctx, l.config); err != nil {
			return nil, err
		}
		l.caller.Store(conn.PgConn().PID())
	}
	_, err := conn.Exec(ctx, "NOTIFY "+channel)
	return conn, err
}

// hangUp closes a connection, which may be nil, without waiting long, also when
// ctx has ended.
func hangUp(ctx context.Context, conn *pgx.Conn) error {
	if conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return conn.Close(ctx)
}

// sleep reports whether the time has passed before ctx ended.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
