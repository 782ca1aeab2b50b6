package embedded

import "math/bits"

// bitfield is a set of pieces.
type bitfield []byte

func newBitfield(count int) bitfield { return make(bitfield, (count+7)/8) }

func (b bitfield) has(i int) bool { return b[i/8]&(1<<(i%8)) != 0 }

func (b bitfield) add(i int) { b[i/8] |= 1 << (i % 8) }

func (b bitfield) remove(i int) { b[i/8] &^= 1 << (i % 8) }

func (b bitfield) count() (n int) {
	for _, eight := range b {
		n += bits.OnesCount8(eight)
	}
	return n
}
