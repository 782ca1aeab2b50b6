package domain

// metainfoChange is what is to become of the .torrent file that is kept for a torrent:
// another one, or (changed and nil) none.
type metainfoChange struct {
	content []byte
	changed bool
}

// CarryMetainfo gives a new torrent, not saved yet, the .torrent file that it was made
// from. The repository keeps it beside the torrent, for as long as it may be handed
// over: a torrent that has completed may be marked incomplete, and then a private one
// needs its file again. When it is removed, or wants other content, the file goes.
func (t *Torrent) CarryMetainfo(metainfo Metainfo) error {
	if metainfo.InfoHash() != t.InfoHash() {
		return Invalid("file", "is of another torrent")
	}
	t.metainfo = metainfoChange{content: metainfo.Content(), changed: true}
	return nil
}

func (t *Torrent) dropMetainfo() { t.metainfo = metainfoChange{changed: true} }

// TakeMetainfo returns the .torrent file that is to be kept from now on, nil for none,
// and whether that is a change; it forgets both. A repository calls it when it saves.
func (t *Torrent) TakeMetainfo() (content []byte, changed bool) {
	content, changed = t.metainfo.content, t.metainfo.changed
	t.metainfo = metainfoChange{}
	return content, changed
}
