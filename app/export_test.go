package app

// Desks is how many servers a Progress remembers.
func (a *Progress) Desks() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.desks)
}

// Asking is how many requests of a Progress are under way.
func (a *Progress) Asking() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range a.desks {
		if d.asking != nil {
			n++
		}
	}
	return n
}

// Watchers is how many follow the log.
func (a *Events) Watchers() int {
	a.feed.mu.Lock()
	defer a.feed.mu.Unlock()
	return len(a.feed.watchers)
}

// Replaying is how many of them are catching up.
func (a *Events) Replaying() (n int) {
	a.feed.mu.Lock()
	defer a.feed.mu.Unlock()
	for w := range a.feed.watchers {
		if !w.live {
			n++
		}
	}
	return n
}

// Watched is how many torrents a ProgressFeed holds.
func (f *ProgressFeed) Watched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watch == nil {
		return 0
	}
	return len(f.watch.book.entries)
}
