package rtorrent

import (
	"context"
	"encoding/hex"

	"github.com/clarion-app/download-manager/domain"
)

// Files implements ports.TransferDetails. What is there of each is counted from the
// chunks that the torrent has: what the daemon counts itself is off by one at the
// edges of files, and in 0.9 it is nothing after the data was verified.
func (c *Client) Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error) {
	rows, of, err := c.table(ctx, hash, call{"f.multicall", []any{
		target(hash), "", "f.path=", "f.size_bytes=", "f.offset=", "f.priority=",
	}}, "d.is_meta", "d.is_multi_file", "d.name", "d.complete", "d.chunk_size", "d.bitfield")
	if err != nil || counted(of[0]) != 0 {
		return nil, err
	}
	bits, err := hex.DecodeString(string(of[5].text))
	if err != nil {
		return nil, nonsense(malformed("chunks that are none"))
	}
	there := chunks{size: counted(of[4]), all: counted(of[3]) != 0, bits: bits}
	files := make([]domain.TransferFile, len(rows))
	for i, row := range rows {
		file := domain.TransferFile{Index: i, Path: row[0].String(), Size: counted(row[1]), Wanted: counted(row[3]) != 0}
		if counted(of[1]) != 0 {
			file.Path = of[2].String() + "/" + file.Path
		}
		file.BytesDone = there.within(counted(row[2]), file.Size)
		files[i] = file
	}
	return files, nil
}

// chunks are those of a torrent that are there.
type chunks struct {
	size int64
	all  bool
	bits []byte
}

// within counts the bytes that are there from an offset on.
func (c chunks) within(offset, length int64) int64 {
	if c.all {
		return length
	}
	var sum int64
	for at, end := offset, offset+length; c.size > 0 && at < end; {
		chunk := at / c.size
		if chunk/8 >= int64(len(c.bits)) {
			break
		}
		next := min((chunk+1)*c.size, end)
		if c.bits[chunk/8]&(0x80>>(chunk%8)) != 0 {
			sum += next - at
		}
		at = next
	}
	return sum
}
