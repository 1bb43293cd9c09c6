using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Memory;

/// <summary>For whom something is remembered or looked up: who pays for it, and whose limits hold.</summary>
/// <param name="Caller">A key and its project.</param>
/// <param name="Agent">As whom. Null: as none.</param>
/// <param name="Address">Where the request comes from. Null: nobody knows, or nobody has asked.</param>
internal sealed record MemoryCaller(Caller Caller, Agent? Agent, IPAddress? Address)
{
    public MemoryTenant Tenant => MemoryTenant.Of(Caller, Agent);

    public static MemoryCaller Of(Exchange exchange) => new(exchange.Caller!, exchange.Agent, exchange.Context.Connection.RemoteIpAddress);
}
