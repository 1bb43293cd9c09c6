using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Who does something to what is administered.</summary>
/// <param name="Name">As <see cref="Storage.AuditRecord.Actor"/>.</param>
/// <param name="Address">From where; null: from within.</param>
public readonly record struct AuditActor(string Name, string? Address)
{
    /// <summary>Whoever has the admin token.</summary>
    public const string Token = "token";

    public static AuditActor Edge { get; } = new("edge", null);

    /// <summary>Somebody who has not shown that they may.</summary>
    public static AuditActor Unknown(IPAddress? address) => new("unknown", CallerText.Of(address));

    /// <param name="context">A request that may do it.</param>
    public static AuditActor Of(HttpContext context) => new(context.GetCaller() is { } caller ? $"key {caller.Key.Id}" : Token, CallerText.Address(context));
}
