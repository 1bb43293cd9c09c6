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
        ("drain", "draining") => "The edge is shutting down. Open requests finish, and load balancers send new ones elsewhere.",
        ("drain", _) => "The edge takes requests.",
        ("database", "unavailable") => "The database does not respond. Callers with cached keys are still served; the administration cannot read or change anything.",
        ("database", _) => "The database responds.",
        ("storage", "full") => "The disk is full. Requests are served, but records that cannot be stored are lost.",
        ("storage", "unwritable") => "The data directory is not writable. Requests are served, but records that cannot be stored are lost.",
        ("storage", _) => "The data directory is writable, and the disk has free space.",
        ("redis", "unavailable") => "Redis does not respond. RateLimiting:OnRedisFailure decides how limits apply.",
        ("redis", _) => "Redis responds. Edges share limits and budgets through Redis.",
        ("configuration" or "prices", "refused") => $"A change of this file was refused; the last valid version stays in force. {reason}",
        ("configuration" or "prices", "doubtful") => $"The file is in force, but needs attention. {reason}",
        ("configuration" or "prices", _) => "The file is in force.",
        _ => reason is null ? status : $"{status}: {reason}",
    };
}
