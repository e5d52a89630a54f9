package sqltext

func Normal(sql string) string { return text(normal(sql)) }
