using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;

namespace Cencori.Edge.Admin.Audit;

/// <summary>The person or key that makes an administrative change, for the audit log.</summary>
/// <param name="Name">Name in the form of <see cref="Storage.AuditRecord.Actor"/>.</param>
/// <param name="Address">Address of the client. Null: the edge itself makes the change.</param>
public readonly record struct AuditActor(string Name, string? Address)
{
    /// <summary>Name of an actor who uses the admin token.</summary>
    public const string Token = "token";

    public static AuditActor Edge { get; } = new("edge", null);

    /// <summary>Creates the actor for a client that has not signed in.</summary>
    public static AuditActor Unknown(IPAddress? address) => new("unknown", CallerText.Of(address));

    /// <param name="context">An authorized request.</param>
    public static AuditActor Of(HttpContext context) => new(context.GetCaller() is { } caller ? $"key {caller.Key.Id}" : Token, CallerText.Address(context));
}
