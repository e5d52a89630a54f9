// Package render holds the tests of all renderers, which show the same things to each of
// them, hostile names included. What is rendered is computed in package view.
package render
