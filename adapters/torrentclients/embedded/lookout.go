package embedded

import "os"

// lookout asks the disk about pieces in order, so one open file is enough.
type lookout struct {
	content *content
	sizes   []int64
	index   int
	file    *os.File
}

// reaches reports whether the files are long enough to hold the whole piece.
func (o *lookout) reaches(piece int) bool {
	for part := range o.content.layout.pieceSpans(piece) {
		if !o.content.layout.files[part.file].padding && o.sizes[part.file] < part.offset+part.size {
			return false
		}
	}
	return true
}

// anything reports whether anything of the piece may have been written.
func (o *lookout) anything(piece int) bool {
	for part := range o.content.layout.pieceSpans(piece) {
		if o.sizes[part.file] <= part.offset {
			continue
		}
		if o.file == nil || o.index != part.file {
			o.close()
			file, err := o.content.root.Open(o.content.layout.path(part.file, o.content.folder))
			if err != nil {
				return true
			}
			o.index, o.file = part.file, file
		}
		if hasData(o.file, part.offset, part.offset+part.size) {
			return true
		}
	}
	return false
}

func (o *lookout) close() {
	if o.file != nil {
		o.file.Close()
		o.file = nil
	}
}
