//go:build race

package main_test

// raceFlags make the program under test be watched as its tests are.
var raceFlags = []string{"-race"}
