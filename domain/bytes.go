package domain

import "strconv"

// FormatBytes writes a number of bytes for people to read, in the unit that suits it.
func FormatBytes(n int64) string {
	const step = 1024
	if n < step {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, units := float64(n), "KMGTPE"
	unit := -1
	for value >= step && unit < len(units)-1 {
		value, unit = value/step, unit+1
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + units[unit:unit+1] + "iB"
}
