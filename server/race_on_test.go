//go:build race

package server

// raced tells that the race detector looks on, with which everything takes many times as long.
const raced = true
