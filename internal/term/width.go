package term

// Where names from the program under test are cut.
const (
	// NameWidth is for the name of a version or a scenario.
	NameWidth = 32
	// OutcomeWidth is for an outcome beside a count.
	OutcomeWidth = 8
	// LongWidth is for what has room, as in Markdown.
	LongWidth = 200
)
