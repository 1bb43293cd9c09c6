namespace Cencori.Edge.Records.Sql;

/// <summary>The columns of <c>request_records</c>, in the order in which both database systems are given them.</summary>
internal static class RecordColumns
{
    public const int Count = 25;

    public const string Names =
        """
        "RequestId", "StartedAt", "ProjectId", "KeyId", "Environment", "Door", "ModelAsked", "ModelServed", "Provider", "CredentialHint", "IsStream", "Status", "Outcome",
        "ErrorCode", "PromptTokens", "CachedTokens", "CompletionTokens", "IsEstimated", "Picodollars", "FirstByteMicroseconds", "DurationMicroseconds", "EdgeMicroseconds",
        "Retries", "ClientAddress", "App"
        """;
}
