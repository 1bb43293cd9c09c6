namespace Cencori.Edge.Storage;

/// <summary>One thing that somebody did to what is administered, or tried to. Rows are added and never changed.</summary>
public sealed class AuditRecord
{
    /// <summary>1 for the first row of all, and one more for each that follows: a gap is a row that is gone.</summary>
    public required long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary><c>token</c>: whoever has the admin token; <c>user …</c>: a member, by their id; <c>key …</c>: a secret key, likewise; <c>edge</c>: the edge itself.</summary>
    public required string Actor { get; init; }

    /// <summary>From where; null: from within.</summary>
    public string? Address { get; init; }

    /// <summary>What was done, to what kind of thing: <c>api_key.created</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Null: it is nothing of one project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The id of that thing.</summary>
    public required string ObjectId { get; init; }

    /// <summary>What was changed as it was, as a JSON object without secrets; null: there was nothing.</summary>
    public string? Before { get; init; }

    /// <summary>Likewise as it is; null: there is nothing any more.</summary>
    public string? After { get; init; }

    /// <summary><c>done</c> or <c>refused</c>.</summary>
    public required string Result { get; init; }

    /// <summary>The master key from which that of <see cref="Mac"/> is derived.</summary>
    public required string SealKeyId { get; init; }

    /// <summary>Over this row and the one before it.</summary>
    public required byte[] Mac { get; set; }
}
