// Package crm is the domain: what an organization, its people, customers and
// contacts are, who may see what, and which errors the system knows.
//
// It imports the standard library only. Rules that need neither a database
// nor HTTP live here, so that a newcomer who reads this package knows what the
// system is. Words are plain English; the words of the wire (Chinese messages
// and the field names of the compatible API) appear in errors.go and in
// package api/v2.
package crm
