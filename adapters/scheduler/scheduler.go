// Package scheduler is the door that nobody knocks at: it makes the product do
// by itself what is due.
package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"github.com/clarion-app/download-manager/app"
)

// Config is how often things are done.
type Config struct {
	// Interval is the time between two checks of a server that is well.
	Interval time.Duration
	// KeepEvents is how long events are kept; 0 for ever.
	KeepEvents time.Duration
	Log        *slog.Logger
}

// Scheduler looks for servers that are due, carries out nudges, and prunes old
// events.
type Scheduler struct {
	checks *app.Checks
	events *app.Events
	config Config

	cron   gocron.Scheduler
	cancel context.CancelFunc
	nudges sync.WaitGroup
}

// New makes a Scheduler that does nothing until Start.
func New(checks *app.Checks, events *app.Events, config Config) *Scheduler {
	return &Scheduler{checks: checks, events: events, config: config}
}

// A tick only claims the servers that are due and begins their checks: interval,
// jitter and back-off are in each server's next_check_at, which all processes on
// the database share. So ticks are much more frequent than checks, and cost a
// claim that usually finds nothing. They are irregular: regular ones would round
// the jitter away and let checks fall into step with a daemon's own timers.
const (
	ticksPerInterval = 8
	shortestTick     = 200 * time.Millisecond
	longestTick      = time.Second
	// tickPatience is how long Stop waits for a tick that is under way.
	tickPatience = 3 * time.Second
)

// Old events are pruned about once an hour, replicas not in step.
const (
	pruneAtLeastEvery = 50 * time.Minute
	pruneAtMostEvery  = 70 * time.Minute
)

// Start begins. It must be called at most once.
func (s *Scheduler) Start() error {
	ctx, cancel := context.WithCancel(context.Background())
	cron, err := gocron.NewScheduler(
		gocron.WithStopTimeout(tickPatience),
		gocron.WithGlobalJobOptions(
			gocron.WithSingletonMode(gocron.LimitModeReschedule),
			gocron.WithStartAt(gocron.WithStartImmediately()),
		))
	if err != nil {
		cancel()
		return err
	}
	tick := min(max(s.config.Interval/ticksPerInterval, shortestTick), longestTick)
	_, err = cron.NewJob(gocron.DurationRandomJob(tick/2, tick), gocron.NewTask(func() { s.checks.CheckDue(ctx) }))
	if s.config.KeepEvents > 0 && err == nil {
		_, err = cron.NewJob(
			gocron.DurationRandomJob(pruneAtLeastEvery, pruneAtMostEvery),
			gocron.NewTask(func() { s.prune(ctx) }))
	}
	if err != nil {
		cancel()
		return errors.Join(err, cron.Shutdown())
	}
	s.cron, s.cancel = cron, cancel
	s.nudges.Go(func() { s.checks.Run(ctx) })
	cron.Start()
	return nil
}

func (s *Scheduler) prune(ctx context.Context) {
	pruned, err := s.events.Prune(ctx, time.Now().Add(-s.config.KeepEvents))
	switch {
	case err != nil && ctx.Err() == nil:
		s.config.Log.WarnContext(ctx, "pruning old events", "error", err)
	case pruned > 0:
		s.config.Log.InfoContext(ctx, "pruned old events", "events", pruned)
	}
}

// Stop begins no more checks, interrupts the running ones (which may die at any
// line: the next check goes on) and waits until they have given their servers
// back, or until ctx ends. It may be called twice, and without Start.
func (s *Scheduler) Stop(ctx context.Context) error {
	if s.cron == nil {
		return nil
	}
	// First the ticks, so that none begins a check that nobody waits for.
	err := s.cron.ShutdownWithContext(ctx)
	s.cron = nil
	s.cancel()
	stopped := make(chan struct{})
	go func() {
		s.nudges.Wait()
		close(stopped)
	}()
	select {
	case <-stopped:
		return err
	case <-ctx.Done():
		return errors.Join(err, errors.New("checks are still running"), ctx.Err())
	}
}
