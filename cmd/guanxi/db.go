package main

type dbCmd struct {
	Check dbCheckCmd `cmd:"" help:"Hold the database against what this program needs; changes nothing. Exit code 1 when something is wrong."`
	Move  dbMoveCmd  `cmd:"" help:"Copy all data to another database: embedded to PostgreSQL, or back."`
}
