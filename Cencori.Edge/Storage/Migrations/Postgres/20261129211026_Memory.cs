using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    [DbContext(typeof(PostgresEdgeDbContext))]
    [Migration("20261129211026_Memory")]
    public class Memory : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "memory_namespaces",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    Environment = table.Column<string>(type: "text", nullable: false),
                    Id = table.Column<string>(type: "text", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false),
                    AgentId = table.Column<string>(type: "text", nullable: true),
                    Description = table.Column<string>(type: "text", nullable: true),
                    Metadata = table.Column<string>(type: "text", nullable: true),
                    EmbeddingModel = table.Column<string>(type: "text", nullable: false),
                    Dimensions = table.Column<int>(type: "integer", nullable: false),
                    DefaultThreshold = table.Column<double>(type: "double precision", nullable: true),
                    Generation = table.Column<int>(type: "integer", nullable: false),
                    NextModel = table.Column<string>(type: "text", nullable: true),
                    NextDimensions = table.Column<int>(type: "integer", nullable: true),
                    NextGeneration = table.Column<int>(type: "integer", nullable: false),
                    EmbeddingFault = table.Column<string>(type: "text", nullable: true),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    DeletedRevision = table.Column<long>(type: "bigint", nullable: false),
                    StoredCount = table.Column<int>(type: "integer", nullable: false),
                    HasUnembedded = table.Column<bool>(type: "boolean", nullable: false),
                    LeasedUntil = table.Column<long>(type: "bigint", nullable: true),
                    DeletedAt = table.Column<long>(type: "bigint", nullable: true),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memory_namespaces", x => new { x.ProjectId, x.Environment, x.Id });
                });

            migrationBuilder.CreateTable(
                name: "memories",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    Environment = table.Column<string>(type: "text", nullable: false),
                    Id = table.Column<string>(type: "text", nullable: false),
                    NamespaceId = table.Column<string>(type: "text", nullable: false),
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    Content = table.Column<string>(type: "text", nullable: false),
                    Metadata = table.Column<string>(type: "text", nullable: true),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: true),
                    Revision = table.Column<long>(type: "bigint", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    UpdatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memories", x => new { x.ProjectId, x.Environment, x.Id });
                    table.ForeignKey(
                        name: "FK_memories_memory_namespaces_ProjectId_Environment_NamespaceId",
                        columns: x => new { x.ProjectId, x.Environment, x.NamespaceId },
                        principalTable: "memory_namespaces",
                        principalColumns: new[] { "ProjectId", "Environment", "Id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "memory_vectors",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    Environment = table.Column<string>(type: "text", nullable: false),
                    NamespaceId = table.Column<string>(type: "text", nullable: false),
                    Generation = table.Column<int>(type: "integer", nullable: false),
                    MemoryId = table.Column<string>(type: "text", nullable: false),
                    Vector = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memory_vectors", x => new { x.ProjectId, x.Environment, x.NamespaceId, x.Generation, x.MemoryId });
                    table.ForeignKey(
                        name: "FK_memory_vectors_memories_ProjectId_Environment_MemoryId",
                        columns: x => new { x.ProjectId, x.Environment, x.MemoryId },
                        principalTable: "memories",
                        principalColumns: new[] { "ProjectId", "Environment", "Id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_memories_ExpiresAt",
                table: "memories",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_memories_Number",
                table: "memories",
                column: "Number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_memories_ProjectId_Environment_NamespaceId_Id",
                table: "memories",
                columns: new[] { "ProjectId", "Environment", "NamespaceId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_memories_ProjectId_Environment_NamespaceId_Revision_Number",
                table: "memories",
                columns: new[] { "ProjectId", "Environment", "NamespaceId", "Revision", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_memory_namespaces_ProjectId_Environment_Name",
                table: "memory_namespaces",
                columns: new[] { "ProjectId", "Environment", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_memory_vectors_ProjectId_Environment_MemoryId",
                table: "memory_vectors",
                columns: new[] { "ProjectId", "Environment", "MemoryId" });

            // Signs between words are blanks: PostgreSQL would take 'foo-bar.com' for one word, and others ask for each of its parts.
            migrationBuilder.Sql("""ALTER TABLE memories ADD COLUMN "Words" tsvector GENERATED ALWAYS AS (to_tsvector('simple', translate("Content", '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)))) STORED""");
            migrationBuilder.Sql("""CREATE INDEX "IX_memories_Words" ON memories USING gin ("Words")""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "memory_vectors");

            migrationBuilder.DropTable(
                name: "memories");

            migrationBuilder.DropTable(
                name: "memory_namespaces");
        }
    }
}
