namespace Cencori.Edge.Egress;

/// <summary>An address that a project has set is in a network to which the edge does not connect for projects. The message does not show the address.</summary>
public sealed class RefusedAddressException() : Exception($"The address is not on the public internet, and {EgressGuard.Setting} does not allow it.");
