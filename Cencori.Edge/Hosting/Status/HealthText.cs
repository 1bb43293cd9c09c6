namespace Cencori.Edge.Hosting.Status;

/// <summary>What <c>/health/ready</c> has found, in sentences.</summary>
internal static class HealthText
{
    public static string Label(string check) => check switch
    {
        "drain" => "Requests",
        "database" => "Database",
        "storage" => "Storage",
        "redis" => "Redis",
        "configuration" => "yarp.json",
        "prices" => "prices.json",
        _ => check,
    };

    public static string Explain(string check, in HealthFinding finding) => (check, finding.Status) switch
    {
        ("drain", "draining") => "The edge has been told to stop. Open requests run on, and load balancers send new ones elsewhere.",
        ("drain", _) => "They are taken.",
        ("database", "unavailable") => "It does not answer. Callers whose keys the edge knows go on; what is administered cannot be read or changed.",
        ("database", _) => "It answers.",
        ("storage", "full") => "There is no room. Requests are served, and their records are lost where they cannot be kept.",
        ("storage", "unwritable") => "It cannot be written to. Requests are served, and their records are lost where they cannot be kept.",
        ("storage", _) => "There is room, and it can be written to.",
        ("redis", "unavailable") => "It does not answer. Limits hold as RateLimiting:OnRedisFailure says.",
        ("redis", _) => "Limits and budgets are shared through it.",
        ("configuration" or "prices", "refused") => $"A change was refused, and what was before it stays in force. {finding.Reason}",
        ("configuration" or "prices", "doubtful") => $"It is in force, and somebody should look at it. {finding.Reason}",
        ("configuration" or "prices", _) => "It is in force.",
        _ => finding.Reason is { } reason ? $"{finding.Status}: {reason}" : finding.Status,
    };
}
