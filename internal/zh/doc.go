// Package zh holds what the server knows about Chinese text.
//
// Today that is the conversion of names to pinyin: Pinyin gives the plain
// lower-case spelling that is kept next to a name so that it can be sorted and
// found from a Latin keyboard. Words whose characters have several readings
// are looked up in a phrase table, and a surname at the start of a person's
// name gets its surname reading.
//
// All functions are pure and safe for concurrent use. The tables behind them
// are built on first use and never change afterwards.
package zh
