package postgres

// settings suit a server whose data is of no use after a crash, and which only
// this process connects to.
var settings = []string{
	"max_connections=200",
	"shared_buffers=16MB",
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"wal_level=minimal",
	"max_wal_senders=0", // required by wal_level=minimal
	"autovacuum=off",
	"dynamic_shared_memory_type=mmap", // in the data folder, so that it goes with it
	"log_min_error_statement=panic",   // keeps SQL out of the log, the end of which we show
	"cluster_name=fanout-bench",
}
