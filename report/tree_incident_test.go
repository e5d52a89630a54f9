package report_test

import (
	"fmt"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// rc2 and rc3 call what scenarios/agentauth calls for n agents of one build.
func rc2(int) tracer.Recording {
	return operate(func(o *operation) {
		o.call(0, "auth.(*Handler).ServeHTTP", "auth/handler.go", func() {
			o.call(85, "auth.authenticateRC2", "auth/rc_2.go", func() {
				o.call(17, "auth.(*Layer).AgentByInstance", "auth/layer.go", func() {
					o.query(137, "AgentByInstance", "i-1")
					o.call(141, "auth.(*Layer).WorkspaceByAgent", "auth/layer.go", func() {
						o.query(68, "WorkspaceByAgent", "agent-1")
						o.check(72, "read workspace", "w")
					})
				})
				resource(o, 21, "1")
				job(o, 25)
				requireLatestBuild(o, 32)
			})
		})
	})
}

func rc3(n int) tracer.Recording {
	return operate(func(o *operation) {
		jobOfAgent := func(line int, agent string) {
			o.call(line, "auth.jobOfAgent", "auth/rc_3.go", func() {
				resource(o, 45, agent)
				job(o, 49)
			})
		}
		o.call(0, "auth.(*Handler).ServeHTTP", "auth/handler.go", func() {
			o.call(85, "auth.authenticateRC3", "auth/rc_3.go", func() {
				o.call(14, "auth.(*Layer).AgentsByInstance", "auth/layer.go", func() {
					o.check(167, "read system", "")
					o.query(170, "AgentsByInstance", "i-1")
				})
				for i := range n {
					jobOfAgent(20, fmt.Sprint(i+1))
				}
				jobOfAgent(32, "1")
				requireLatestBuild(o, 36)
			})
		})
	})
}

func resource(o *operation, line int, id string) {
	o.call(line, "auth.(*Layer).Resource", "auth/layer.go", func() {
		o.query(125, "Resource", id)
		job(o, 129)
	})
}

func job(o *operation, line int) {
	o.call(line, "auth.(*Layer).Job", "auth/layer.go", func() {
		o.query(113, "Job", "j")
		o.call(117, "auth.cascade", "auth/jobrule.go", func() {
			o.call(18, "auth.(*Layer).BuildByJob", "auth/layer.go", func() {
				o.query(91, "BuildByJob", "j")
				workspace(o, 95)
			})
		})
	})
}

func workspace(o *operation, line int) {
	o.call(line, "auth.(*Layer).Workspace", "auth/layer.go", func() {
		o.query(57, "Workspace", "w")
		o.check(61, "read workspace", "w")
	})
}

func requireLatestBuild(o *operation, line int) {
	o.call(line, "auth.requireLatestBuild", "auth/version.go", func() {
		o.call(61, "auth.(*Layer).Build", "auth/layer.go", func() {
			o.query(79, "Build", "b")
			workspace(o, 83)
		})
		o.call(65, "auth.(*Layer).LatestBuild", "auth/layer.go", func() {
			workspace(o, 103)
			o.query(106, "LatestBuild", "w")
		})
	})
}
