package report

const (
	// nameWidth is where the name of a version or a scenario is cut.
	nameWidth = 32
	// outcomeWidth is where an outcome is cut beside a count.
	outcomeWidth = 8
)

// codeWidth is where a name from the program under test is cut in Markdown.
const codeWidth = 200
