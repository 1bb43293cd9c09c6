using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Who makes an administrative change.</summary>
/// <param name="Name">As <see cref="Storage.AuditRecord.Actor"/>.</param>
/// <param name="Address">Client address; null: the edge itself.</param>
public readonly record struct AuditActor(string Name, string? Address)
{
    /// <summary>Name of an actor with the admin token.</summary>
    public const string Token = "token";

    public static AuditActor Edge { get; } = new("edge", null);

    /// <summary>A client that has not signed in.</summary>
    public static AuditActor Unknown(IPAddress? address) => new("unknown", CallerText.Of(address));

    /// <param name="context">An authorized request.</param>
    public static AuditActor Of(HttpContext context) => new(context.GetCaller() is { } caller ? $"key {caller.Key.Id}" : Token, CallerText.Address(context));
}
