namespace Cencori.Edge.Hosting.Status;

/// <summary>The findings of <c>/health/ready</c> as sentences.</summary>
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

    public static string Explain(string check, string status, string? reason) => (check, status) switch
    {
        ("drain", "draining") => "The edge has been told to stop. Open requests finish, and load balancers send new ones elsewhere.",
        ("drain", _) => "The edge takes requests.",
        ("database", "unavailable") => "It does not respond. Callers with cached keys are still served; the administration cannot read or change anything.",
        ("database", _) => "It responds.",
        ("storage", "full") => "The disk is full. Requests are served, but records that cannot be stored are lost.",
        ("storage", "unwritable") => "It is not writable. Requests are served, but records that cannot be stored are lost.",
        ("storage", _) => "It is writable and has free space.",
        ("redis", "unavailable") => "It does not respond. RateLimiting:OnRedisFailure decides how limits apply.",
        ("redis", _) => "Limits and budgets are shared through it.",
        ("configuration" or "prices", "refused") => $"A change was refused; the version before it stays in force. {reason}",
        ("configuration" or "prices", "doubtful") => $"It is in force, but needs attention. {reason}",
        ("configuration" or "prices", _) => "It is in force.",
        _ => reason is null ? status : $"{status}: {reason}",
    };
}
