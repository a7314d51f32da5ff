package insight

import "math/bits"

// kernel adds up records bit by bit: how many have bit 0, bit 1 … It keeps 256 counters as bits of equal weight side by side, so that
// sixteen records are added by fifteen carry-save adders a word (Harley and Seal; Hacker's Delight, 5-2).
type kernel struct {
	planes [4][maxPlanes]uint64 // planes[word][i] has bit i of 64 counters
	used   int                  // planes that may be other than 0
}

const maxPlanes = 33

// reset begins anew, for so many records at most.
func (k *kernel) reset(records int) {
	k.used = max(5, bits.Len(uint(records))+1)
	for w := range k.planes {
		clear(k.planes[w][:k.used])
	}
}

func adder(a, b, c uint64) (carry, sum uint64) {
	u := a ^ b
	return a&b | u&c, u ^ c
}

var noRecord record

// add adds the records of customers; words is how many words of them are in use.
func (k *kernel) add(records []record, customers []uint32, words int) {
	var r [16]*record
	for len(customers) >= 16 {
		for i, c := range customers[:16] {
			r[i] = &records[c]
		}
		customers = customers[16:]
		k.sixteen(&r, words)
	}
	if len(customers) == 0 {
		return
	}
	for i := range r {
		r[i] = &noRecord
		if i < len(customers) {
			r[i] = &records[customers[i]]
		}
	}
	k.sixteen(&r, words)
}

func (k *kernel) sixteen(r *[16]*record, words int) {
	for w := range words {
		p := &k.planes[w]
		ones, twos, fours, eights := p[0], p[1], p[2], p[3]
		var a2, b2, a4, b4, a8, b8, sixteens uint64
		a2, ones = adder(ones, r[0][w], r[1][w])
		b2, ones = adder(ones, r[2][w], r[3][w])
		a4, twos = adder(twos, a2, b2)
		a2, ones = adder(ones, r[4][w], r[5][w])
		b2, ones = adder(ones, r[6][w], r[7][w])
		b4, twos = adder(twos, a2, b2)
		a8, fours = adder(fours, a4, b4)
		a2, ones = adder(ones, r[8][w], r[9][w])
		b2, ones = adder(ones, r[10][w], r[11][w])
		a4, twos = adder(twos, a2, b2)
		a2, ones = adder(ones, r[12][w], r[13][w])
		b2, ones = adder(ones, r[14][w], r[15][w])
		b4, twos = adder(twos, a2, b2)
		b8, fours = adder(fours, a4, b4)
		sixteens, eights = adder(eights, a8, b8)
		p[0], p[1], p[2], p[3] = ones, twos, fours, eights
		for i := 4; sixteens != 0; i++ {
			p[i], sixteens = p[i]^sixteens, p[i]&sixteens
		}
	}
}

// spread puts four bits into four lanes of sixteen bits.
var spread = func() (table [16]uint64) {
	for n := range table {
		for bit := range 4 {
			table[n] |= uint64(n>>bit&1) << (16 * bit)
		}
	}
	return table
}()

// store writes the counters. They go on being added to.
func (k *kernel) store(out []uint32, words int) {
	for w := range words {
		part := out[w*64 : min(len(out), w*64+64)]
		if k.used > 16 {
			k.storeLarge(part, w)
			continue
		}
		var lanes [16]uint64
		for i := range k.used {
			for x, n := k.planes[w][i], 0; x != 0; x, n = x>>4, n+1 {
				lanes[n] += spread[x&15] << i
			}
		}
		for i := range part {
			part[i] = uint32(lanes[i>>2] >> (16 * (i & 3)) & 0xFFFF)
		}
	}
}

func (k *kernel) storeLarge(out []uint32, w int) {
	for bit := range out {
		n := uint32(0)
		for i := range k.used {
			n |= uint32(k.planes[w][i]>>bit&1) << i
		}
		out[bit] = n
	}
}
