namespace Cencori.Edge.Storage;

/// <summary>One administrative action, done or refused. Rows are added and never changed.</summary>
public sealed class AuditRecord
{
    /// <summary>1 for the first row. Ids are consecutive: a gap means that a row was removed.</summary>
    public required long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who acted. <c>token</c>: the admin token. <c>user …</c>: a member, by id. <c>key …</c>: a secret key, by id. <c>edge</c>: the edge itself.</summary>
    public required string Actor { get; init; }

    /// <summary>Address of the client. Null: the edge itself acted.</summary>
    public string? Address { get; init; }

    /// <summary>Kind of object and action, such as <c>api_key.created</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Project of the object. Null: the action does not belong to one project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>Id of the object that the action is about.</summary>
    public required string ObjectId { get; init; }

    /// <summary>The changed members before the action, as a JSON object without secrets. Null: the object did not exist.</summary>
    public string? Before { get; init; }

    /// <summary>The changed members after the action, as a JSON object without secrets. Null: the object no longer exists.</summary>
    public string? After { get; init; }

    /// <summary><c>done</c> or <c>refused</c>.</summary>
    public required string Result { get; init; }

    /// <summary>Id of the master key from which the key of <see cref="Mac"/> is derived.</summary>
    public required string SealKeyId { get; init; }

    /// <summary>Message authentication code over this row and the row before it.</summary>
    public required byte[] Mac { get; set; }
}
