// Package bench holds the product's figures: each benchmark measures the product
// and, in the same run, the baseline that it is compared with (a bare handler, the
// daemon's own RPC), and prints their ratio. The machine's speed cancels out;
// nothing here passes or fails by time.
//
//	make bench
package bench
