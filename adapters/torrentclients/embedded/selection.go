package embedded

import "github.com/anacrolix/torrent"

// selectFiles sets which files are not wanted; mu is held, or nobody else has c yet. Out of
// range, an index means nothing.
func (c *content) selectFiles(unwanted []int) {
	c.unwanted = make(map[int]bool, len(unwanted))
	c.wantedBytes = c.layout.wanted
	for _, index := range unwanted {
		if index < 0 || index >= len(c.layout.files) || c.unwanted[index] {
			continue
		}
		c.unwanted[index] = true
		if file := c.layout.files[index]; !file.padding {
			c.wantedBytes -= file.length
		}
	}
}

// pieceBytes is how many wanted bytes a piece holds.
func (c *content) pieceBytes(piece int) (size int64) {
	for part := range c.layout.pieceSpans(piece) {
		if !c.layout.files[part.file].padding && !c.unwanted[part.file] {
			size += part.size
		}
	}
	return size
}

// choose changes which files are wanted, and reports whether some of them is missing
// now.
func (c *content) choose(unwanted []int) (missing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.selectFiles(unwanted)
	c.left = 0
	for piece := range c.layout.pieces() {
		if !c.have.has(piece) {
			c.left += c.pieceBytes(piece)
		}
	}
	c.sealed = false // what has been chosen is looked at again, and may have empty files
	return c.left > 0
}

// request has the library download the pieces that hold something wanted, and no
// others.
func (c *content) request(handle *torrent.Torrent) {
	c.mu.Lock()
	all := len(c.unwanted) == 0
	wanted := make([]bool, c.layout.pieces())
	for piece := range wanted {
		wanted[piece] = all || c.pieceBytes(piece) > 0
	}
	c.mu.Unlock()
	for begin := 0; begin < len(wanted); {
		end := begin + 1
		for end < len(wanted) && wanted[end] == wanted[begin] {
			end++
		}
		if wanted[begin] {
			handle.DownloadPieces(begin, end)
		} else {
			handle.CancelPieces(begin, end)
		}
		begin = end
	}
}

func (c *content) isUnwanted(file int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unwanted[file]
}
