using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Passthrough.Gateway.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Instances : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "AvailableSince",
                table: "Installation",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "EndedLocks",
                columns: table => new
                {
                    TenantId = table.Column<string>(type: "character varying(63)", nullable: false),
                    Forest = table.Column<string>(type: "character varying(253)", maxLength: 253, nullable: false),
                    ObjectGuid = table.Column<Guid>(type: "uuid", nullable: false),
                    Mark = table.Column<Guid>(type: "uuid", nullable: false),
                    EndedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EndedLocks", x => new { x.TenantId, x.Forest, x.ObjectGuid });
                    table.ForeignKey(
                        name: "FK_EndedLocks_Tenants_TenantId",
                        column: x => x.TenantId,
                        principalTable: "Tenants",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Instances",
                columns: table => new
                {
                    Address = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    Run = table.Column<Guid>(type: "uuid", nullable: false),
                    Beat = table.Column<long>(type: "bigint", nullable: false),
                    SeenAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instances", x => x.Address);
                });

            migrationBuilder.CreateTable(
                name: "PageKeys",
                columns: table => new
                {
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Sealed = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PageKeys", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "PeerBooks",
                columns: table => new
                {
                    TenantId = table.Column<string>(type: "character varying(63)", nullable: false),
                    Book = table.Column<string>(type: "text", nullable: false),
                    Version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PeerBooks", x => x.TenantId);
                    table.ForeignKey(
                        name: "FK_PeerBooks_Tenants_TenantId",
                        column: x => x.TenantId,
                        principalTable: "Tenants",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.UpdateData(
                table: "Installation",
                keyColumn: "Id",
                keyValue: 1,
                column: "AvailableSince",
                value: null);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "EndedLocks");

            migrationBuilder.DropTable(
                name: "Instances");

            migrationBuilder.DropTable(
                name: "PageKeys");

            migrationBuilder.DropTable(
                name: "PeerBooks");

            migrationBuilder.DropColumn(
                name: "AvailableSince",
                table: "Installation");
        }
    }
}
